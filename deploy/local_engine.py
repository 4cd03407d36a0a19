#!/usr/bin/env python3
"""Serves a language model on this machine behind an OpenAI-compatible address, for `profile = "local"`.

    local_engine.py MODEL.gguf [--host 127.0.0.1] [--port 8080] [--threads 1] [--context 8192] [--parallel 1]

The server is llama.cpp's own, out of the Python package xllamacpp (MIT): the same as `llama-server`, for machines that
have no package of it. The first line of its output is the address to put before `/v1` in `llm.engines.local.url`; with
`--port 0` the system chooses a free port. Ends on SIGTERM and on SIGINT.

Threads of llama.cpp wait for each other by spinning. More of them than cores that are free make it many times slower.
"""

import argparse
import os
import signal
import sys


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a GGUF file with a chat template")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--threads", type=int, default=1, help="cores that are free for it")
    parser.add_argument("--context", type=int, default=8192, help="tokens of one prompt and its answer")
    parser.add_argument("--parallel", type=int, default=1, help="requests at a time")
    return parser.parse_args()


def main():
    said = arguments()
    try:
        import xllamacpp
    except ImportError:
        sys.exit("local_engine: the package xllamacpp is missing: pip install xllamacpp")
    if not os.access(said.model, os.R_OK):
        sys.exit(f"local_engine: {said.model} cannot be read")
    for end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(end, signal.SIG_DFL)
    params = xllamacpp.CommonParams()
    params.model.path = said.model
    params.hostnames = [said.host]
    params.port = said.port
    params.ui = False
    params.n_ctx = said.context * said.parallel
    params.n_parallel = said.parallel
    params.cpuparams.n_threads = said.threads
    params.cpuparams_batch.n_threads = said.threads
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
