"""The statistics page's figures: an answer becomes a sentence, a chart and a table."""
