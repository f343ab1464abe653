"""The trials, one TOML file each: `chocmsc.toml` is the one that is shipped; another is another file.

A file is read whole or not at all. Everything wrong with it is said at once, each with its line, and
there is no value that a file may leave out: no limit has one built in.

- `lines`: on which line of the file each key stands.
- `problems`, `table`: reading, and collecting what is wrong.
- `limits`: every quantity with its units and bounds. `sections`: everything else.
- `checks`: what has to agree. `loader`: the whole file.
"""

from custody.protocols.loader import builtin, load, loads
from custody.protocols.problems import ProtocolError

__all__ = ["ProtocolError", "builtin", "load", "loads"]
