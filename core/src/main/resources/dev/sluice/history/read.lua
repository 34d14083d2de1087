-- Shows the newest entries; if the history has not been loaded, takes the lease to do so, in the same step: of any number who find it so, one
-- loads.
-- KEYS  as in history.lua
-- ARGV  1 to 4 as there, 5 how many entries, 6 how many tokens at most, 7 a new fence, or empty if the caller would not load, 8 the lease's length
-- Returns {what the caller may do, version, then of each entry: number, when it was said, tokens, user, content}
--   'loaded': all is there; 'partly': what was appended, no more; 'load': likewise, and the caller has the lease; 'wait': somebody else has it
local state = 'partly'
if loaded > now then
  state = 'loaded'
elseif ARGV[7] ~= '' then
  if fence and leased > now then
    state = 'wait'
  else
    state = 'load'
    leased = now + tonumber(ARGV[8])
    redis.call('HSET', key, 'f', ARGV[7], 'x', string.format(WHOLE, leased))
    expire()
  end
end
local answer = { state, string.format(WHOLE, version) }
local shown = newest_of(trimmed(entries), tonumber(ARGV[5]), tonumber(ARGV[6]), 0)
if #shown > 0 then
  local names = {}
  for i, entry in ipairs(shown) do
    names[i] = 'e:' .. entry.id
  end
  local contents = redis.call('HMGET', key, unpack(names))
  for i, entry in ipairs(shown) do
    for _, value in ipairs({ string.format(WHOLE, entry.number), string.format(WHOLE, entry.time), entry.tokens, entry.user }) do
      answer[#answer + 1] = value
    end
    answer[#answer + 1] = contents[i]
  end
end
return answer
