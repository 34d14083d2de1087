-- Lowers the pace of buckets, as if messages that are admitted now were told 429.
-- KEYS: the buckets. ARGV: for each what could be asked of it, as bucket_decide takes it.
-- Returns how many were lowered
local lowered = 0
for i, key in ipairs(KEYS) do
  local kind, capacity, span = read('<BI4d', ARGV[i], 10)
  lowered = lowered + (bucket_lower(key, kind, capacity, span, now, 0, 1000, now) and 1 or 0)
end
return { lowered }
