package dev.sluice.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.bundle.AsideBundles.Requeue;
import dev.sluice.redis.Announcements;
import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.redis.KeyScan;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bundles in Redis: a sorted set for each bot, and three keys for each person who has something, all under the bot's hash tag. */
final class RedisBundleStore implements BundleStore {
    /** Some 400 MB if each has a few lines. */
    static final int MOST_PEOPLE = 200_000;

    private static final String FAMILY = "talkbuf";
    /** Of a key: the bot, the conversation, and the number of what is set aside. */
    private static final Pattern CONVERSATION = Pattern.compile(
            ".*\\{([1-9][0-9]*)}:(?:state|aside):(-?[1-9][0-9]{0,17}:-?[1-9][0-9]{0,17})(?::([1-9][0-9]{0,15}))?");

    private static final Script ADD = script("add");
    private static final Script CLAIM = script("claim");
    private static final Script RENEW = script("renew");
    private static final Script SETTLE = script("settle");
    private static final Script RETURN = script("return");
    private static final Script SET_ASIDE = script("set-aside");
    private static final Script ASIDE = script("aside");
    private static final Script COUNT_ASIDE = script("count-aside");
    private static final Script FOUND_ASIDE = script("found-aside");
    private static final Script REQUEUE = script("requeue");
    private static final Script DROP = script("drop");
    private static final Script STANDING = script("standing");
    private static final Script CHATS = script("chats");
    private static final Script FORGET = script("forget");

    private static final int ADDED = 1;
    private static final int FULL = 2;
    private static final int GIVEN_UP = 2;
    private static final int REQUEUED = 1;
    private static final int UNREADABLE = 3;

    /** A bundle that is set aside is told in so many. */
    private static final int ASIDE_WORDS = 7;

    /** Of a message, before its content: number, arrival, id, size. */
    private static final int HEAD_WORDS = 4;

    private final ScriptRunner deciding;
    private final ScriptRunner settling;
    private final KeySpace keys;
    private final Announcements announcements;
    private final BundleSettings settings;
    private final int mostPeople;

    /** @param settling for what a handler does: a settlement that is late is better than none */
    RedisBundleStore(
            ScriptRunner deciding,
            ScriptRunner settling,
            KeySpace keys,
            Announcements announcements,
            BundleSettings settings,
            int mostPeople) {
        this.deciding = deciding;
        this.settling = settling;
        this.keys = keys;
        this.announcements = announcements;
        this.settings = settings;
        this.mostPeople = mostPeople;
    }

    @Override
    public Answer add(Incoming message) {
        ScriptReply reply = run(
                deciding,
                ADD,
                message.conversation().bot(),
                ascii(message.conversation().name()),
                ascii(message.id()),
                ascii(message.size()),
                ascii(message.passes() ? 1 : 0),
                ascii(micros(message.quiet())),
                ascii(micros(settings.longest())),
                ascii(settings.mostMessages()),
                ascii(settings.mostBytes()),
                ascii(BundleSettings.ROOM),
                ascii(BundleSettings.ROOM_BYTES),
                ascii(mostPeople),
                ascii(BundleSettings.IDS),
                message.content());
        return switch (Math.toIntExact(reply.number(0))) {
            case ADDED ->
                new Answer.Added(reply.number(1), aside(message.conversation().bot(), reply, 2));
            case FULL -> new Answer.Full(aside(message.conversation().bot(), reply, 2));
            default -> new Answer.Duplicate(reply.number(1));
        };
    }

    @Override
    public Claimed claim(BotId bot, int most, Duration lease) {
        ScriptReply reply = run(settling, CLAIM, bot, ascii(most), ascii(micros(lease)), ascii(settings.mostLost()));
        var bundles = new ArrayList<Leased>();
        int first = 3 + Math.toIntExact(reply.number(2));
        var aside = new Aside(aside(bot, reply, 3, first), Math.toIntExact(reply.number(1)));
        int at = first;
        while (at < reply.size()) {
            Conversation conversation = Conversation.named(bot, reply.text(at));
            int count = Math.toIntExact(reply.number(at + 3));
            var messages = new ArrayList<Held>(count);
            for (int i = 0; i < count; i++) {
                messages.add(held(reply.bytes(at + 4 + i)));
            }
            bundles.add(new Leased(
                    conversation, reply.number(at + 1), Math.toIntExact(reply.number(at + 2)), List.copyOf(messages)));
            at += 4 + count;
        }
        String next = reply.text(0);
        return new Claimed(
                List.copyOf(bundles),
                next.isEmpty() ? Optional.empty() : Optional.of(Duration.of(reply.number(0), ChronoUnit.MICROS)),
                aside);
    }

    /** From a number on, how many are gone, to the end. */
    private static Aside aside(BotId bot, ScriptReply reply, int from) {
        int gone = Math.toIntExact(reply.number(from));
        return reply.size() == from + 1 && gone == 0
                ? Aside.NOTHING
                : new Aside(aside(bot, reply, from + 1, reply.size()), gone);
    }

    private static List<AsideBundle> aside(BotId bot, ScriptReply reply, int from, int end) {
        var bundles = new ArrayList<AsideBundle>();
        for (int at = from; at < end; at += ASIDE_WORDS) {
            bundles.add(new AsideBundle(
                    new BundleId(Conversation.named(bot, reply.text(at)), reply.number(at + 1)),
                    BundleSeals.instant(reply.number(at + 2)),
                    reply.text(at + 3).equals("lost") ? AsideBundle.Reason.LOST : AsideBundle.Reason.UNREADABLE,
                    Math.toIntExact(reply.number(at + 4)),
                    Math.toIntExact(reply.number(at + 5)),
                    Math.toIntExact(reply.number(at + 6))));
        }
        return List.copyOf(bundles);
    }

    private static Held held(byte[] entry) {
        long[] numbers = new long[HEAD_WORDS];
        int start = 0;
        for (int word = 0; word < HEAD_WORDS; word++) {
            int end = start;
            while (end < entry.length && entry[end] != ' ') {
                end++;
            }
            numbers[word] = Long.parseLong(new String(entry, start, end - start, US_ASCII));
            start = end + 1;
        }
        return new Held(numbers[0], numbers[1], numbers[2], Arrays.copyOfRange(entry, start, entry.length));
    }

    @Override
    public boolean renew(Conversation conversation, long fence, Duration lease) {
        return run(settling, RENEW, conversation.bot(), ascii(conversation.name()), ascii(fence), ascii(micros(lease)))
                        .number(0)
                == 1;
    }

    @Override
    public boolean settle(Conversation conversation, long fence) {
        return run(settling, SETTLE, conversation.bot(), ascii(conversation.name()), ascii(fence))
                        .number(0)
                == 1;
    }

    @Override
    public Return putBack(Conversation conversation, long fence, Duration after, boolean failed) {
        long answer = run(
                        settling,
                        RETURN,
                        conversation.bot(),
                        ascii(conversation.name()),
                        ascii(fence),
                        ascii(micros(after)),
                        ascii(failed ? settings.mostFailures() : 0))
                .number(0);
        return answer == 0 ? Return.LOST : answer == GIVEN_UP ? Return.GIVEN_UP : Return.BACK;
    }

    @Override
    public Aside setAside(Conversation conversation, long fence) {
        return aside(
                conversation.bot(),
                run(settling, SET_ASIDE, conversation.bot(), ascii(conversation.name()), ascii(fence)),
                0);
    }

    @Override
    public List<AsideBundle> aside(BotId bot, long after, int most) {
        ScriptReply reply = run(deciding, ASIDE, bot, ascii(after), ascii(most));
        return aside(bot, reply, 0, reply.size());
    }

    @Override
    public long asideCount(BotId bot) {
        return run(deciding, COUNT_ASIDE, bot).number(0);
    }

    @Override
    public Requeued requeue(BundleId id) {
        Conversation conversation = id.conversation();
        ScriptReply reply = run(
                deciding,
                REQUEUE,
                conversation.bot(),
                ascii(conversation.name()),
                ascii(id.number()),
                ascii(BundleSettings.ROOM),
                ascii(BundleSettings.ROOM_BYTES),
                ascii(mostPeople),
                ascii(BundleSettings.IDS));
        Requeue answer = switch (Math.toIntExact(reply.number(0))) {
            case REQUEUED -> Requeue.BACK;
            case FULL -> Requeue.FULL;
            case UNREADABLE -> Requeue.UNREADABLE;
            default -> Requeue.GONE;
        };
        return new Requeued(answer, aside(conversation.bot(), reply, 1));
    }

    @Override
    public boolean drop(BundleId id) {
        Conversation conversation = id.conversation();
        return run(deciding, DROP, conversation.bot(), ascii(conversation.name()), ascii(id.number()))
                        .number(0)
                == 1;
    }

    @Override
    public Standing standing(BotId bot) {
        ScriptReply reply = run(deciding, STANDING, bot);
        return new Standing(reply.number(0), reply.number(1));
    }

    @Override
    public Set<Conversation> conversations(long user) {
        var found = new LinkedHashSet<Conversation>();
        new KeyScan(settling, keys).each(FAMILY, "*", "*:" + user + "*", page -> {
            for (String key : page) {
                // Others' keys are there, too, of ids that begin alike, and those of other programs.
                Matcher parts = CONVERSATION.matcher(key);
                Optional<BotId> bot = parts.matches() ? bot(parts.group(1)) : Optional.empty();
                if (bot.isPresent()) {
                    var conversation = Conversation.named(bot.get(), parts.group(2));
                    if (conversation.user() == user || conversation.chat() == user) {
                        found.add(conversation);
                        Optional.ofNullable(parts.group(3))
                                .ifPresent(number -> run(
                                        settling,
                                        FOUND_ASIDE,
                                        conversation.bot(),
                                        ascii(conversation.name()),
                                        ascii(number)));
                    }
                }
            }
        });
        return found;
    }

    /** Empty if it is none: it is longer than any, or another program wrote it. */
    private static Optional<BotId> bot(String digits) {
        try {
            return Optional.of(new BotId(Long.parseLong(digits)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<Conversation> conversations(BotId bot, long user) {
        var found = new LinkedHashSet<Conversation>();
        String cursor = "0";
        do {
            ScriptReply reply = run(settling, CHATS, bot, ascii(user), ascii(cursor));
            for (int i = 1; i < reply.size(); i++) {
                found.add(Conversation.named(bot, reply.text(i)));
            }
            cursor = reply.text(0);
        } while (!cursor.equals("0"));
        return List.copyOf(found);
    }

    @Override
    public boolean forget(Conversation conversation) {
        return run(settling, FORGET, conversation.bot(), ascii(conversation.name()))
                        .number(0)
                == 1;
    }

    @Override
    public Subscription listen(Consumer<BotId> heard) {
        return announcements.listen(channel(), digits -> bot(digits).ifPresent(heard));
    }

    private String channel() {
        return keys.prefix() + FAMILY + ":due";
    }

    private ScriptReply run(ScriptRunner runner, Script script, BotId bot, byte[]... more) {
        var args = new ArrayList<byte[]>(4 + more.length);
        args.add(ascii(settings.kept().toMillis()));
        args.add(ascii(settings.remembered().toMillis()));
        args.add(ascii(channel()));
        args.add(ascii(bot.value()));
        args.addAll(Arrays.asList(more));
        return runner.run(script, List.of(keys.key(FAMILY, bot.toString(), "due")), args);
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    private static byte[] ascii(long number) {
        return ascii(Long.toString(number));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static Script script(String name) {
        return Script.of(
                "bundle/" + name,
                new Part(RedisBundleStore.class, "bundles.lua"),
                new Part(RedisBundleStore.class, name + ".lua"));
    }
}
