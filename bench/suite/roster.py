"""The peers: which are available, and why the others are not."""

from collections.abc import Sequence

import peers
import servers


class Roster:
    """The requested ones; all by default."""

    def __init__(self, names: Sequence[str] | None) -> None:
        everybody = peers.available()
        known = [peer.name for peer in everybody]
        for name in names or ():
            if name not in known:
                raise servers.ServerError(f"--peers: {name!r} is none of {', '.join(known)}")
        self.peers = [peer for peer in everybody if names is None or peer.name in names]

    def programs(self, workers: int) -> list[servers.Program]:
        names = {peer.name for peer in self.peers}
        found = self.peers if workers == 1 else peers.available(workers)
        return [peer.program for peer in found if peer.program is not None and peer.name in names]
