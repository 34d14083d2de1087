package dev.sluice.server.gateway;

import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a request's path leads. Never shown: it holds the token. */
sealed interface Route {
    /** A call of the Bot API. */
    record Call(Account account, Method method, String query) implements Route {
        String uri() {
            return account.path() + "/" + method.name() + (query.isEmpty() ? "" : "?" + query);
        }
    }

    /** A download. {@code path} as the caller escaped it. */
    record Download(Account account, String path, String query) implements Route {
        String uri() {
            return "/file/bot" + account.token().reveal() + "/" + path + (query.isEmpty() ? "" : "?" + query);
        }
    }

    /** Nowhere; the description does not repeat what was asked for. */
    record Nowhere(String description) implements Route {}

    /** A bot in Telegram's production or test environment: the two know nothing of each other. */
    record Account(BotToken token, boolean test) {
        String path() {
            return "/bot" + token.reveal() + (test ? "/test" : "");
        }
    }

    Pattern METHOD_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,63}");

    /** @param target as in the request line: a path with a query, or an absolute URI */
    static Route of(String target) {
        int hash = target.indexOf('#');
        String uri = FormText.ascii(hash < 0 ? target : target.substring(0, hash));
        int question = uri.indexOf('?');
        String query = question < 0 ? "" : uri.substring(question + 1);
        List<String> segments = segments(pathOf(question < 0 ? uri : uri.substring(0, question)));
        if (segments.isEmpty()) {
            return new Nowhere("Not Found: the path is /bot<token>/<method>");
        }
        boolean file = segments.getFirst().equals("file") && segments.size() > 1;
        Optional<BotToken> token = token(segments.get(file ? 1 : 0));
        if (token.isEmpty()) {
            return new Nowhere("Not Found: the path names no bot token");
        }
        return file
                ? download(token.get(), segments.subList(2, segments.size()), query)
                : call(token.get(), segments.subList(1, segments.size()), query);
    }

    private static Route call(BotToken token, List<String> rest, String query) {
        boolean test = rest.size() == 2 && FormText.decode(rest.getFirst()).equals("test");
        if (rest.size() != (test ? 2 : 1)) {
            return new Nowhere("Not Found: the path is /bot<token>/<method>");
        }
        String method = FormText.decode(rest.getLast());
        return METHOD_NAME.matcher(method).matches()
                ? new Call(new Account(token, test), new Method(method), query)
                : new Nowhere("Not Found: the path names no method");
    }

    private static Route download(BotToken token, List<String> rest, String query) {
        boolean plain = !rest.isEmpty() && rest.stream().map(FormText::decode).allMatch(Route::isPlainName);
        return plain
                ? new Download(new Account(token, false), String.join("/", rest), query)
                : new Nowhere("Not Found: the path names no file");
    }

    /** No dot segments and no hidden separators: what we check is what the upstream will resolve. */
    private static boolean isPlainName(String segment) {
        return !segment.equals(".")
                && !segment.equals("..")
                && segment.chars().noneMatch(c -> c < 0x20 || c == 0x7F || c == '/' || c == '\\');
    }

    private static Optional<BotToken> token(String segment) {
        String text = FormText.decode(segment);
        return text.startsWith("bot") ? BotToken.parse(text.substring("bot".length())) : Optional.empty();
    }

    private static String pathOf(String uri) {
        int scheme = uri.startsWith("/") ? -1 : uri.indexOf("://");
        if (scheme < 0) {
            return uri;
        }
        int slash = uri.indexOf('/', scheme + 3);
        return slash < 0 ? "" : uri.substring(slash);
    }

    /** Without the empty ones: a base URL that ends with a slash is the commonest slip of the hand. */
    private static List<String> segments(String path) {
        var segments = new ArrayList<String>(4);
        for (String segment : path.split("/")) {
            if (!segment.isEmpty()) {
                segments.add(segment);
            }
        }
        return segments;
    }
}
