-- As acquire-all.lua, but returns only how many decisions that took.
local decided, decide = 0, bucket_decide
bucket_decide = function(...)
  decided = decided + 1
  return decide(...)
end
local buckets, plan, at, reply = combined(KEYS), ARGV[1], 1, {}
while at < #plan do
  local which, times
  which, times, at = read('<I2I2', plan, at)
  at = buckets.decide(ARGV[which], times, plan, at, reply)
end
buckets.write()
return { decided }
