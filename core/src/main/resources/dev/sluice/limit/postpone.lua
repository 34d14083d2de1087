-- Lets an admission count from later on than it was decided. KEYS: the buckets. ARGV: when it was decided; by how many
-- microseconds later it counts; then per bucket kind, capacity, span, weight. Never later than now: nothing can have been
-- used in the future. Atomic like the decision it corrects.
local from = tonumber(ARGV[1])
local to = math.min(from + tonumber(ARGV[2]), now)
for i, raw in ipairs(redis.call('MGET', unpack(KEYS))) do
  local spec = i * 4 - 1
  local weight = tonumber(ARGV[spec + 3])
  if to > from and weight > 0 then
    bucket_postpone(
      KEYS[i], raw, ARGV[spec], tonumber(ARGV[spec + 1]), tonumber(ARGV[spec + 2]), weight, from, to, now)
  end
end
return { 1 }
