"""Progress on stderr: a bar for each step at a terminal, else one line for each step."""

import contextlib


class Progress:
    def __init__(self, stream):
        self._stream = stream

    @contextlib.contextmanager
    def step(self, name):
        """Gives a function (done, total) to be called as the step gets on, or not at all."""
        if not self._stream.isatty():
            print(name, file=self._stream, flush=True)
            yield lambda done, total: None
            return
        from tqdm import tqdm  # only people who watch need it
        layout = "{desc:<10}{percentage:3.0f}% {bar} {elapsed}"
        with tqdm(desc=name, total=1, file=self._stream, bar_format=layout) as bar:
            def show(done, total):
                bar.total = total
                bar.update(done - bar.n)
            yield show
            show(bar.total, bar.total)
