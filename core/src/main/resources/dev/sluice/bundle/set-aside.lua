-- Sets a bundle aside that its holder cannot read, or does not want handed over any more. Atomic because one who was too late must not set
-- aside what another has.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 fence
-- Returns {how many bundles are gone for it, and it, as bundles.lua tells it}; {0}: it is another's, or gone
local who = ARGV[5]

local told = {}
local state = read_or_nothing(who)
if is_leased(state, tonumber(ARGV[6])) then
  local messages = redis.call('LRANGE', key_of('messages', who), 0, state.closed[1].count - 1)
  redis.call('PEXPIRE', due, kept)
  close_if_due(state)
  if #messages > 0 then
    set_aside(told, who, messages, 'unreadable', state.lost, state.failures)
  end
  remove_aside(who, state)
  write(who, state)
end
return { told.gone or 0, unpack(told) }
