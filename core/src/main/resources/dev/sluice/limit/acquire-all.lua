-- Decides several questions, in this order: each over all its buckets, and charges all of them or none.
-- KEYS  the buckets of all questions, each once
-- ARGV  1 per question: I2 which of the arguments asks it, I2 how many times, I2 for each of its buckets, which of the keys that is
--       2.. what is asked, as bucket_decide takes it, each once
-- Returns for each question what combined's decide appends. Atomic, since decisions that read the same bucket must see each other's charges.
local buckets, plan, at, reply = combined(KEYS), ARGV[1], 1, {}
while at < #plan do
  local which, times
  which, times, at = read('<I2I2', plan, at)
  at = buckets.decide(ARGV[which], times, plan, at, reply)
end
buckets.write()
return reply
