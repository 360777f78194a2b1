"""Who is called besides merchants: channels to customers, and who pays remedies out."""

from recourse.adapters.peers.calling import Peers
from recourse.adapters.peers.pushing import push_key
from recourse.adapters.peers.reading import PeersFile, read_peers

__all__ = ["Peers", "PeersFile", "push_key", "read_peers"]
