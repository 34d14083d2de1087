-- Lets an admission count from later on than it was decided. KEYS: the buckets. ARGV: when it was decided; by how many
-- microseconds later it counts; what was asked, as bucket_decide takes it. Never later than now: nothing can have been
-- used in the future. Atomic like the decision it corrects.
local from, asked, position = tonumber(ARGV[1]), ARGV[3], 10
local to = math.min(from + tonumber(ARGV[2]), now)
for i, raw in ipairs(redis.call('MGET', unpack(KEYS))) do
  local kind, capacity, span, weight, after = read('<BI4dI4', asked, position)
  position = after
  if to > from and weight > 0 then
    bucket_postpone(KEYS[i], raw, kind, capacity, span, weight, from, to, now)
  end
end
return { 1 }
