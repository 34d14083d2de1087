-- The key that all processes seal with when nobody chose one.
-- KEYS  1 key: string, 64 hex digits
-- ARGV  1 what to keep if there is none, or '' to look only
-- Returns {what is kept, or '' if nothing is}
-- Atomic because two processes that start together must come to one key.
-- Without a TTL: what it sealed may outlive any; whoever chose a key removes it when nothing is left that it sealed.
local key = KEYS[1]
local proposed = ARGV[1]

local kept = redis.call('GET', key)
if not kept and proposed ~= '' then
  redis.call('SET', key, proposed)
  kept = proposed
end
return {kept or ''}
