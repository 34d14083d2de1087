-- Decides several questions, in this order: each over all its buckets, and charges all of them or none.
-- KEYS, ARGV and what it returns: as combined says. Atomic, since decisions that read the same bucket must see each other's charges.
return combined(KEYS, ARGV)
