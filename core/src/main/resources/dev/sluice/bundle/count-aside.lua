-- Shows how many bundles are set aside. KEYS and ARGV: as in bundles.lua. Changes nothing.
-- Returns {how many}
local count = redis.pcall('ZCOUNT', aside, string.format(WHOLE, now - kept * 1000), string.format('(%.0f', END_OF_NUMBERS))
return { type(count) == 'number' and count or 0 } -- another program may have written there
