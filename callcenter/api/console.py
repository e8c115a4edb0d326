"""The web front end's files: public, since they hold nothing but the program."""

from __future__ import annotations

import html
import re
from pathlib import Path

from aiohttp import hdrs, web

from .errors import Missing

_ASSETS = "assets"
_FILE_NAME = re.compile(r"\.[A-Za-z][A-Za-z0-9]*$")
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Console not built</title></head>
<body><h1>The console is not built</h1>
<p>The service runs and calls flow; only these pages are missing. Build them with</p>
<pre>cd callcenter/console
npm ci
npm run build</pre>
<p>(needs Node.js 18 or later), then load this page again. Expected: <code>{file}</code></p>
</body></html>
"""


class Console:
    """Serves the folder that the front end was built into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A file of the build; any other path is a page of the application: ``index.html``."""
        path = request.match_info["path"]
        if path == "api" or path.startswith("api/"):
            raise Missing("the API has no such address", "See /api/v1/openapi.json.")
        file = self._find(path)
        if file is not None:
            forever = path.startswith(f"{_ASSETS}/")
            headers = {hdrs.CACHE_CONTROL: _FOREVER if forever else _ASK_AGAIN}
            return web.FileResponse(file, headers=headers)
        if path.startswith(f"{_ASSETS}/") or _FILE_NAME.search(path):
            raise Missing("there is no such file")
        return self._index()

    def _find(self, path: str) -> Path | None:
        if not path or "\0" in path:
            return None
        try:
            file = (self._folder / path).resolve()
            inside = file.is_relative_to(self._folder)
            return file if inside and file.is_file() else None
        except OSError:  # a name that is too long for the file system
            return None

    def _index(self) -> web.StreamResponse:
        index = self._folder / "index.html"
        if index.is_file():
            return web.FileResponse(index, headers={hdrs.CACHE_CONTROL: _ASK_AGAIN})
        page = _NOT_BUILT.format(file=html.escape(str(index)))
        return web.Response(status=503, text=page, content_type="text/html")
