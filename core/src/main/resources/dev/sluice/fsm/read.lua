-- Shows a conversation and touches it. Atomic because what was found must not run out before it is touched.
-- KEYS, ARGV  as in conversation.lua
-- Returns {version, "=<state>" or "-", then each data field, sealed}, or nothing if it is not known
if not there then
  return {}
end
touch()
local answer = { string.format(WHOLE, version), state }
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'd:' then
    answer[#answer + 1] = all[i + 1]
  end
end
return answer
