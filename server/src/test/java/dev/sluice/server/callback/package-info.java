@NullMarked
package dev.sluice.server.callback;

import org.jspecify.annotations.NullMarked;
