"""Serves app.py by uvicorn with uvloop and httptools, one process, no access log.

    PYTHON serve.py MODEL_FOLDER PORT      PYTHON is of an environment with requirements.txt
"""

import sys

import uvicorn
from app import make_app

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    uvicorn.run(make_app(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop",
                http="httptools", access_log=False, log_level="warning")
