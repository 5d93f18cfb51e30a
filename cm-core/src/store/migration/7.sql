-- Samples of a day that was rolled up lie in longer chunks (step 4: six hours); minutes are made when samples expire.
-- `settled` of samples: 0 while no roll-up tells of them, 2 once hours and days do, 1 once minutes do as well.
DROP INDEX chunk_unsettled;
CREATE INDEX chunk_unsettled ON chunk (start, grp) WHERE settled <> 1;
