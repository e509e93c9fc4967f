"""The rig of the torture: what kill -9, full disks, read-only folders and wrong clocks leave behind."""
