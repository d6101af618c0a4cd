"""A local stand-in for the news site: invented stories, real markup, real oddities.

``Newsroom`` holds the stories. ``Replica`` serves them over HTTP in one edition of the site. ``Domains`` serves
them on both hosts.
"""

from zbcrawler.replica.domains import Domains
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica
from zbcrawler.replica.story import ReplicaStory

__all__ = ["Domains", "Fault", "Newsroom", "Replica", "ReplicaStory"]
