# The site has given a few numbers to two stories. The page of the later one is named after its day and number, as in the
# lists of scrapy site, which name such posts in _made/dated.json. Where plugins are not run, see docs/site.md.
Jekyll::Hooks.register :site, :post_read do |site|
  dated = Array(site.data["dated"])
  site.posts.docs.each do |post|
    post.data["slug"] = post.basename_without_ext if dated.include?(post.relative_path)
  end
end
