-- Lists bundles that are set aside, the oldest first. Atomic because each must be whole; changes nothing.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 when the last of the page before was set aside, 0 to begin, 6 how many at most
-- Returns {each as bundles.lua tells it}
local most = tonumber(ARGV[6])

local page, listed = {}, 0
-- What another program wrote is passed over.
local found = redis.pcall('ZRANGEBYSCORE', aside, '(' .. ARGV[5], string.format('(%.0f', END_OF_NUMBERS), 'WITHSCORES')
for i = 1, #found, 2 do
  local who, number = parts_of(found[i])
  local head = who and listed < most and redis.pcall('LINDEX', key_of('aside', found[i]), 0)
  local why, lost, failures = string.match(type(head) == 'string' and head or '', '^(%S+) (%d+) (%d+)$')
  if why and #lost < 10 and #failures < 10 then
    local count = redis.call('LLEN', key_of('aside', found[i])) - 1
    tell(page, who, number, math.ceil(tonumber(found[i + 1])), why, lost, failures, count)
    listed = listed + 1
  end
end
return page
