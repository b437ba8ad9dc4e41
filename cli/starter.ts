/** The project that `sluice init` writes: two steps in plain shell, so that it runs anywhere. */

const PIPELINE = `# yaml-language-server: $schema=../.sluice/schema/pipeline.schema.json
sluice: 1
name: words
description: Count the words of a text and report the most frequent ones.

params:
  top: { type: int, default: 5, min: 1, description: How many words to report }

steps:
  count:
    run: tr -cs '[:alpha:]' '\\n' < \${{ in.text }} | tr '[:upper:]' '[:lower:]' | sort | uniq -c | sort -rn > \${{ out.counts }}
    in: { text: ./data/text.txt }
    out: { counts: file }

  report:
    run: sh src/report.sh \${{ in.counts }} \${{ params.top }} > \${{ out.report }}
    files: [src/report.sh]
    in: { counts: count.counts }
    out:
      report: { type: report, to: report.md }
`;

const REPORT = `# Turns lines of "count word" into a small Markdown table.
set -eu
counts=$1
top=$2
echo "# The $top most frequent words"
echo
echo "| word | count |"
echo "|---|---|"
head -n "$top" "$counts" | while read -r count word; do
  echo "| $word | $count |"
done
`;

const TEXT = `A sluice is a gate that lets through what should pass and holds back the rest.
Water that has passed the gate once need not pass it again.
A pipeline is a row of gates, and the water is your data.
`;

/** Project-relative path → content. */
export const STARTER: Readonly<Record<string, string>> = {
  'pipelines/words.yaml': PIPELINE,
  'src/report.sh': REPORT,
  'data/text.txt': TEXT,
};
