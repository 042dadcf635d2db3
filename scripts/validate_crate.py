"""Validate an RO-Crate against the specification, without a network.

Run by the Python that holds `rocrate` and `roc-validator`. The one address that the validator asks
for, the JSON-LD context of RO-Crate, is answered from the copy that comes with `rocrate`.
"""

import io
import sys
from pathlib import Path
from typing import Any

import requests
import rocrate
import urllib3
from rocrate_validator import models, services

CONTEXT = Path(rocrate.__file__).parent / "data/ro-crate.jsonld"
ADDRESS = "https://w3id.org/ro/crate/1.3/context"


class Shipped(requests.adapters.HTTPAdapter):
    """Answers requests for the context, and refuses all others."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        if request.url != ADDRESS:
            raise requests.ConnectionError(f"not asked for: {request.url}")
        body, headers = io.BytesIO(CONTEXT.read_bytes()), {"Content-Type": "application/ld+json"}
        raw = urllib3.HTTPResponse(
            body, headers, status=200, preload_content=False, request_url=ADDRESS
        )
        return self.build_response(request, raw)


def main(crate: str) -> int:
    setattr(requests.Session, "get_adapter", lambda self, url: Shipped())  # noqa: B010
    settings = services.ValidationSettings(
        rocrate_uri=crate,
        requirement_severity=models.Severity.REQUIRED,
        profile_identifier="ro-crate-1.3",
        disable_remote_crate_download=True,
    )
    result = services.validate(settings)
    for issue in result.get_issues():
        print(f"{issue.severity.name}: {issue.check.identifier}: {issue.message}", file=sys.stderr)
    print("valid" if not result.has_issues() else "not valid")
    return int(result.has_issues())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
