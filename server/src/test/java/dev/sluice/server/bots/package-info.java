@NullMarked
package dev.sluice.server.bots;

import org.jspecify.annotations.NullMarked;
