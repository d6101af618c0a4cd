#!/bin/sh
# One run on GitHub: crawl, build the website if there is news, and keep one issue open while a person is needed.
# workflows/archive.yml calls this script beside the checkouts archive/ and zbcrawler/. All arguments go to the crawl.
# The exit code is 0 if all is well, or if the issue says what is not: GitHub sends one mail, not one for each run.
set -u
archive=$PWD/archive
site=$PWD/site
work=$(mktemp -d)
label=zbcrawler

zbcrawler() {
    (cd zbcrawler && python -m scrapy "$@") >>"$work/text" 2>&1
}

# A long run ends after 40 minutes, and pushes what it has: GitHub would end it without. The next run goes on.
set -- -s ARCHIVE_DIR="$archive" -s ARCHIVE_COMMIT=1 -s ARCHIVE_PUSH=1 -s CLOSESPIDER_TIMEOUT=2400 "$@"
zbcrawler crawl realtime -L ERROR "$@"
failed=$?
[ $failed -ne 75 ] || failed=0 # another run is at work

# GitHub stops the schedule of a public repository after 60 days without a commit. News are commits, failures are not.
if [ -z "$(git -C "$archive" log -1 --since="50 days ago" --format=%H)" ]; then
    git -C "$archive" -c user.name=zbcrawler -c user.email=zbcrawler@localhost \
        commit --quiet --allow-empty --message "Technical: keep the schedule on GitHub" &&
        git -C "$archive" push --quiet origin HEAD
fi

# The website shows the last commit. While Pages is off, it has no address, and no website is built.
head=$(git -C "$archive" rev-parse HEAD)
shown=$archive/.zbcrawler/shown-on-pages
if [ -d "$archive/_posts" ] && ! grep -qs "$head" "$shown" &&
    address=$(gh api "repos/$GH_REPO/pages" --jq .html_url 2>"$work/off"); then
    zbcrawler site "$archive" "$site" --url "$address" || failed=1
    rm -f "$archive"/.zbcrawler/website-* # helps only beside the finished website
    if [ -f "$site/index.html" ]; then
        echo "$head" >"$shown"
        echo "site=yes" >>"$GITHUB_OUTPUT"
    fi
fi

# The text holds headlines, which are other people's words: GitHub must not read them as commands, mentions or links.
secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$secret"
cat "$work/text"
echo
echo "::$secret::"
tail -c 40000 "$work/text" | sed 's/^/    /' >"$work/quoted"
cat "$work/quoted" >>"$GITHUB_STEP_SUMMARY"

# If GitHub does not say whether there is an issue, only a red cross is left.
number=$(gh issue list --label "$label" --state open --limit 1 --json number --jq '.[].number') || exit $failed
if [ $failed -ne 0 ]; then
    cat - "$work/quoted" >"$work/body" <<END
@$GITHUB_REPOSITORY_OWNER: [this run]($GITHUB_SERVER_URL/$GH_REPO/actions/runs/$GITHUB_RUN_ID) needs a person. Later runs
that fail write their text here, without a mail. A good run closes this issue when no failed story is left (\`scrapy owed\`).

END
    if [ -n "$number" ]; then
        gh issue edit "$number" --body-file "$work/body"
    else
        gh label create "$label" --force --description "The archive needs a person" &&
            gh issue create --label "$label" --title "The archive needs a person" --body-file "$work/body"
    fi
# A story that failed is not tried in every run: without a note about one, all have been mended.
elif [ -n "$number" ] && [ -z "$(grep -Ls '"absent": true' "$archive"/_data/owed/*.json)" ]; then
    gh issue close "$number" --comment "The archive is well again." || echo "the next run closes the issue"
fi
