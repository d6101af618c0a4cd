# Jekyll 4.3 looks for each file of the site in a list of all that came before, comparing them one by one, so that the
# time of a build grows with the square of the posts. Here it asks a set, and the site is the same. Where plugins are
# not run (GitHub Pages), only the time is lost.
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
