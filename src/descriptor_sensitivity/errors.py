"""One kind of error for everything a user can put right."""


class InputError(ValueError):
    """A single sentence that names the file, key or structure at fault and what to do about it."""


class SettingsError(InputError):
    """What is wrong with the settings of a descriptor, whatever the environment."""
