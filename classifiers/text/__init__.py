"""Reading text: normalising, finding terms, contacts and identifiers, scoring."""
