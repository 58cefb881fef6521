"""Route planning, stage by stage: strips, headlands, obstacles, order of the lines, tour of the plots."""
