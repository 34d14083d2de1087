package dev.sluice.budget;

import static dev.sluice.budget.BudgetScripts.ascii;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScanPosition;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.ScriptRunner.Shard;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Budgets in Redis: one string per user and budget, which each step reads and writes in one go. */
final class RedisBudgets implements SharedBudgets {
    /** What a script answers before and of each user. */
    private static final int HEAD = 3;

    private static final int FIELDS = 5;

    /** How many keys a step of a scan looks at: some 200 microseconds of Redis. */
    private static final int KEYS_LOOKED_AT = 500;

    /** A page that found too few ends after so many steps all the same: the keys may be others' for the most part. */
    private static final int STEPS = 20;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final InstantSource clock;

    /** @param clock only says which days' ends Redis is told; it may be wrong by any amount */
    RedisBudgets(ScriptRunner redis, KeySpace keys, InstantSource clock) {
        this.redis = redis;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public Consumption consume(Budget budget, BudgetUser user) {
        return consume(budget, user, List.of());
    }

    @Override
    public Consumption addAndConsume(Budget budget, BudgetUser user, long messages, Duration left) {
        return consume(budget, user, List.of(ascii(messages), ascii(BudgetScripts.micros(left))));
    }

    /** @param before what passed before, as the script takes it */
    private Consumption consume(Budget budget, BudgetUser user, List<byte[]> before) {
        boolean exempt = budget.whitelist().contains(user);
        var more = new ArrayList<byte[]>(2 + before.size());
        more.add(ascii(budget.limit()));
        more.add(ascii(exempt ? "exempt" : ""));
        more.addAll(before);
        ScriptReply reply = run(BudgetScripts.CONSUME, budget, List.of(key(budget, user.id())), more);
        Usage usage = usage(budget, user.id(), reply);
        if (exempt) {
            return new Consumption.Exempt(usage);
        }
        return reply.number(1) == 1 ? new Consumption.Allowed(usage) : new Consumption.Exhausted(usage);
    }

    @Override
    public Usage add(Budget budget, long user, long messages, Duration left) {
        return usage(
                budget,
                user,
                run(
                        BudgetScripts.REPORT,
                        budget,
                        List.of(key(budget, user)),
                        List.of(ascii(messages), ascii(BudgetScripts.micros(left)))));
    }

    @Override
    public Usage usage(Budget budget, long user) {
        return usage(budget, user, run(BudgetScripts.USAGE, budget, List.of(key(budget, user)), List.of()));
    }

    @Override
    public Usage grant(Budget budget, long user, long messages) {
        BudgetScripts.requireGrant(messages);
        return usage(
                budget,
                user,
                run(
                        BudgetScripts.GRANT,
                        budget,
                        List.of(key(budget, user)),
                        List.of(ascii(messages), ascii(Budget.MOST))));
    }

    @Override
    public boolean reset(Budget budget, long user) {
        return redis.run(BudgetScripts.RESET, List.of(key(budget, user)), List.of())
                        .number(0)
                == 1;
    }

    /** The cursor: the first slot of the part of Redis, and where to go on there. */
    @Override
    public BudgetPage scan(Budget budget, String cursor, int about) {
        BudgetScripts.requirePage(about);
        var users = new ArrayList<Usage>();
        var position = ScanPosition.parse(cursor);
        for (int step = 0; step < STEPS && users.size() < about; step++) {
            List<Shard> shards = redis.shards();
            Shard shard = position.shard(shards);
            String next = look(budget, shard, position.cursorOn(shard), Math.min(about, KEYS_LOOKED_AT), users);
            Optional<ScanPosition> after = position.after(shard, next, shards);
            if (after.isEmpty()) {
                return new BudgetPage(users, Optional.empty());
            }
            position = after.get();
        }
        return new BudgetPage(users, Optional.of(position.toString()));
    }

    /** @return where to go on */
    private String look(Budget budget, Shard shard, String cursor, int wanted, List<Usage> users) {
        String before = BudgetScripts.before(keys);
        String behind = BudgetScripts.behind(keys, budget);
        ScriptReply reply = run(
                BudgetScripts.SCAN,
                budget,
                BudgetScripts.noKeys(keys, shard.tag()),
                List.of(
                        ascii(cursor),
                        ascii(KeySpace.literal(before) + "*" + KeySpace.literal(behind)),
                        ascii(before),
                        ascii(behind),
                        ascii(wanted)));
        long now = reply.number(1);
        for (int i = HEAD; i < reply.size(); i += FIELDS) {
            var counters =
                    new Counters(reply.number(i + 1), reply.number(i + 2), reply.number(i + 3), reply.number(i + 4));
            users.add(Usage.of(budget, reply.number(i), counters, now));
        }
        return reply.text(2);
    }

    /** Tells the ends of days around this process' time; if that is not Redis', those around Redis'. */
    private ScriptReply run(Script script, Budget budget, List<String> names, List<byte[]> more) {
        ScriptReply reply = run(script, budget, clock.instant(), names, more);
        if (reply.number(0) == 0) {
            reply = run(script, budget, Counters.instant(reply.number(1)), names, more);
        }
        if (reply.number(0) == 0) {
            throw new IllegalStateException("script " + script.name() + " found Redis' clock days ahead twice");
        }
        return reply;
    }

    private ScriptReply run(Script script, Budget budget, Instant about, List<String> names, List<byte[]> more) {
        var args = new ArrayList<byte[]>(1 + more.size());
        args.add(BudgetScripts.window(budget.window(), about));
        args.addAll(more);
        return redis.run(script, names, args);
    }

    private static Usage usage(Budget budget, long user, ScriptReply reply) {
        var counters = new Counters(reply.number(2), reply.number(3), reply.number(4), reply.number(5));
        return Usage.of(budget, user, counters, reply.number(6));
    }

    private String key(Budget budget, long user) {
        BudgetUser.requireId(user);
        return BudgetScripts.key(keys, Long.toString(user), budget);
    }
}
