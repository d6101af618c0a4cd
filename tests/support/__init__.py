"""What tests of several folders share: real crawls, sites to crawl, programs, posts."""
