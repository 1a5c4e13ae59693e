"""How good the classifier is: recall, false alarms, calibration, the polled stream, cost.

`rows` reads what is measured on, `judging` assesses every text once, `report` computes all
figures from that, `goals` sets them beside the goals, `page` draws them. What each figure
means stands in ``docs/reference/evaluation.md``.
"""
