-- Until when a program wants the lease that sends what there is to tell, on which start of the machine.
ALTER TABLE lease ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN wanted_boot TEXT NOT NULL DEFAULT '';
