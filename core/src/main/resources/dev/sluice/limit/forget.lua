-- Forgets the pace of a bucket. KEYS: the bucket. Returns 1 if there was one, else 0. Atomic, since a decision may charge it meanwhile.
local raw = redis.call('GET', KEYS[1])
if not raw or string.byte(raw, 25) < LEARNED then
  return { 0 }
end
local buckets = bucket_library()
local plain, pace = buckets.current(raw, string.byte(raw, 25) % LEARNED, now)
redis.call('DEL', KEYS[1])
buckets.rewrite(KEYS[1], plain, 0, now)
return { pace and 1 or 0 }
