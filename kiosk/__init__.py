"""The program at the door: sees, decides, records, delivers."""
