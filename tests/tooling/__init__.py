"""The tools around the portal: its start, the test run and its servers."""
