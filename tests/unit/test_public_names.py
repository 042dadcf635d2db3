"""What `from descriptor_sensitivity import ...` offers."""

import pytest

import descriptor_sensitivity


@pytest.mark.parametrize("name", descriptor_sensitivity.__all__)
def test_every_public_name_is_there(name):
    found = getattr(descriptor_sensitivity, name)
    assert callable(found) and name in dir(descriptor_sensitivity)


def test_another_name_is_an_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = descriptor_sensitivity.nothing
