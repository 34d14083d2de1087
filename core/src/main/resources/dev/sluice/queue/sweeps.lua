-- Library, after lanes.lua: what happens because time passes. Each claim moves what is due, a bounded number of each kind.
-- Its own names are a block's: a function of Lua has room for 200.

local SWEPT, sweep = 100, nil
do
  -- The members of a set whose time has come, and the earliest time of those that are left, math.huge if there is none. Whoever
  -- moves the due ones asks again by sweep_next.
  local function sweep_next(set)
    return tonumber(call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]) or math.huge
  end

  local function sweep_due(set, now)
    local earliest = sweep_next(set)
    if earliest > now then
      return {}, earliest
    end
    return call('ZRANGEBYSCORE', set, '-inf', now, 'LIMIT', 0, SWEPT), nil
  end

  -- A lease ran out: nobody knows whether its message was sent.
  local function lease_lost(lane, retries, now)
    local head = call('ZRANGE', LANE .. lane, 0, 0, 'WITHSCORES')
    local number = head[1]
    local m = number and message_find(number)
    if not m or not RANKS[m.rank] then
      call('ZREM', LEASED_SET, lane)
      if number then
        -- Evicted, as claim.lua finds those that wait, or another program wrote there.
        call('DEL', MESSAGE .. number)
        local rank = kind_of(number, tonumber(head[2]))
        call('ZREM', LANE .. lane, number)
        count('lost', 1)
        count('depth:' .. RANKS[rank], -1)
        lane_joins(lane)
      end
      return
    end
    message_attempted(m, 'lease-lost', now)
    if has(m.flags, AT_LEAST_ONCE) == 0 or m.attempts > retries then
      message_taken(number, m)
      m.lane = lane_home(m.lane) or m.lane
      message_unknown(number, m, now)
    else
      m.state, m.ends = AGAIN, 0
      message_write(number, m)
      call('ZREM', LEASED_SET, lane)
      call('ZADD', LANE .. lane, place_of(number, m.rank, send_of(m.flags)), number)
      if m.deadline > 0 then
        call('ZADD', EXPIRING, m.deadline, number)
      end
      lane_joins(lane)
    end
  end

  local function delay_over(number)
    local m = message_find(number)
    call('ZREM', DELAYED_SET, number)
    if m then
      m.state, m.ends, m.lane = QUEUED, 0, lane_now(m.lane)
      message_write(number, m)
      lane_add(m.lane, number, m.rank, send_of(m.flags))
    end
  end

  local function deadline_passed(number, keep, now)
    local m = message_find(number)
    if not m or m.state == LEASED then
      call('ZREM', EXPIRING, number)
    else
      message_taken(number, m)
      message_given_up(number, m, EXPIRED, keep, now)
    end
  end

  -- Moves what is due. Returns when there is more to move.
  function sweep(retries, keep, now)
    local wake = math.huge
    local lanes, earliest = sweep_due(LEASED_SET, now)
    for _, lane in ipairs(lanes) do
      lease_lost(lane, retries, now)
    end
    lanes_flush()
    wake = min(wake, earliest or sweep_next(LEASED_SET))
    if call('EXISTS', EXPIRING, DELAYED_SET, WAITING) == 0 then
      return wake
    end
    -- Before what is delayed joins: what is late must not be sent.
    local numbers
    numbers, earliest = sweep_due(EXPIRING, now)
    for _, number in ipairs(numbers) do
      deadline_passed(number, keep, now)
    end
    wake = min(wake, earliest or sweep_next(EXPIRING))
    numbers, earliest = sweep_due(DELAYED_SET, now)
    for _, number in ipairs(numbers) do
      delay_over(number)
    end
    wake = min(wake, earliest or sweep_next(DELAYED_SET))
    lanes, earliest = sweep_due(WAITING, now)
    for _, lane in ipairs(lanes) do
      call('ZREM', WAITING, lane)
      lane_waited(lane)
    end
    return min(wake, earliest or sweep_next(WAITING))
  end
end
