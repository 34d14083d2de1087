-- Library, after lanes.lua and the buckets' decision.lua: the limits of a message.
--
-- Limits come as 13 bytes each: B kind, I4 capacity, d span; bot, paid, chat, group, user, replies; the kind of the last two is 0 if
-- there is none; then B 1 if they are in shadow mode (shadow.lua). Which of them bind a message its flags say, so that changed limits hold at once.

local BOT_BUCKET, PAID_BUCKET = KEYS[3], KEYS[4]
local REPLIES_BUCKET = limits .. 'replies:' .. sub(PAID_BUCKET, #limits + 6) -- after 'paid:'
-- The limits as they came, what opens a step that asks for them, and what is asked.
local asked_limits, questions_open, question
do
  local QUESTION = '@queue@@' -- who stands for the queue in the line of a bucket; no process is called so
  local questions, enforcement = {}, nil

  -- Begins a step that asks for these limits.
  function questions_open(packed)
    asked_limits, enforcement = packed, string.byte(packed, 79) == 1 and '\2' or '\0'
  end

  local function question_of(i, weight)
    return sub(asked_limits, i * 13 - 12, i * 13) .. pack('<I4', weight)
  end

  -- What bucket_decide is asked for a message: the same string for all of the same flags, rank and cost. Also the scopes of its buckets,
  -- and which of the limits holds over all chats: then it is the second, if it is not the bot's.
  function question(flags, vip, cost)
    local kind = has(flags, 71) + (vip and 8 or 0) + cost * 128
    local known = questions[kind]
    if known then
      return known[1], known[2], known[3]
    end
    local lane, lane_scope = 1, nil
    if has(flags, PAID) == 1 then
      lane, lane_scope = 2, 'paid'
    elseif has(flags, REPLY) > 0 and string.byte(asked_limits, 66) > 0 then
      lane, lane_scope = 6, 'replies'
    end
    local asked, scopes = { QUESTION .. enforcement, question_of(1, lane_scope and 0 or cost) }, { 'bot' }
    if lane_scope then
      asked[3], scopes[2] = question_of(lane, cost), lane_scope
    end
    local group, user = has(flags, GROUP) > 0, has(flags, USER) > 0
    if group or user then
      asked[#asked + 1], scopes[#scopes + 1] = question_of(3, cost), 'chat'
    end
    if group then
      asked[#asked + 1], scopes[#scopes + 1] = question_of(4, cost), 'group'
    elseif user and not vip and string.byte(asked_limits, 53) > 0 then
      asked[#asked + 1], scopes[#scopes + 1] = question_of(5, cost), 'user'
    end
    asked = table.concat(asked)
    questions[kind] = { asked, scopes, lane }
    return asked, scopes, lane
  end
end

-- The keys that belong to the question's scopes.
local function question_keys(scopes, lane)
  local keys = { BOT_BUCKET }
  for i = 2, #scopes do
    local scope = scopes[i]
    keys[i] = scope == 'paid' and PAID_BUCKET or scope == 'replies' and REPLIES_BUCKET or limits .. scope .. ':' .. lane
  end
  return keys
end
