# Jekyll 4.3 compares each file of the website with all files before it, so the time of a build grows with the square of
# the number of posts. This plugin looks files up in a set instead; the website is the same. Where plugins are not run
# (GitHub Pages), the build only takes longer.
if Gem::Requirement.new("~> 4.3").satisfied_by?(Gem::Version.new(Jekyll::VERSION))
  Jekyll::Site.prepend(Module.new do
    def each_site_file
      seen = Set.new.compare_by_identity
      %w(pages static_files_to_write docs_to_write).each do |type|
        public_send(type).each { |item| yield item if seen.add?(item) }
      end
    end
  end)
end
