"""A whole trial on a simulated clock, through the same door as any other.

- `cast`: the people of the four sites, and of any other trial.  `asking`: brings their steps to the door.
- `play`: what the stages share.  `timetable`: when each stage comes, from the protocol alone.
- `supply`, `bench`, `road`, `ward`: the stages, one small function each.
- `course`: one participant's way from stage to stage.  `faults`: what may go wrong on it.
- `schedule`: many ways at once, on one clock.  `trial`: the whole of it.  `report`: what came of it.
"""
