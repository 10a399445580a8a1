import {
  ActionIcon,
  AppShell,
  Badge,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  SegmentedControl,
  Select,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { own } from '../api/call.ts';
import { mayIn, useHere } from '../api/session.tsx';
import { GROUPS } from '../page.ts';
import { PAGES } from '../pages.ts';
import { openPalette, PaletteKey } from './palette-key.tsx';
import { SearchBox } from './search-box.tsx';

/** The frame of every page: navigation, app and environment, search, the person's menu. */
export function Layout() {
  const [opened, { toggle, close }] = useDisclosure();
  const { tenant } = useHere();
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes when the page changes
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a href="#page" className="skip-link">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
          <Link
            to="/"
            aria-label="Carillon, to the start"
            style={{ textDecoration: 'none', color: 'inherit' }}
          >
            <Group gap={8} wrap="nowrap">
              <img src="/icons/icon.svg" width={24} height={24} alt="" />
              <Text fw={650} visibleFrom="xs">
                Carillon
              </Text>
            </Group>
          </Link>
          {tenant.environment === 'test' && <TestBadge />}
          <SearchBox />
          <ColorSchemeButton />
          <PersonMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <TenantChoice />
        <ScrollArea type="auto" offsetScrollbars="y" mt="xs">
          <Navigation />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <div className="page">
          <Outlet />
        </div>
      </AppShell.Main>
      <PaletteKey />
    </AppShell>
  );
}

/** What is shown here reaches the simulator only. */
export function TestBadge() {
  return (
    <Badge leftSection={<span className="dot" style={{ background: 'var(--mantine-color-orange-6)' }} />}>
      TEST
    </Badge>
  );
}

function Navigation() {
  const { session, tenant } = useHere();
  const { pathname } = useLocation();
  return GROUPS.map((group) => {
    const pages = PAGES.filter(
      (page) => page.group === group && (page.scope === undefined || mayIn(session, tenant, page.scope)),
    );
    if (pages.length === 0) return null;
    return (
      <div key={group}>
        <Text size="xs" fw={650} className="dim" px="sm" pt="sm" pb={4}>
          {group}
        </Text>
        {pages.map(({ path, title }) => (
          <NavLink
            key={path}
            component={Link}
            to={path}
            label={title}
            active={pathname === path || pathname.startsWith(`${path}/`)}
            aria-current={pathname === path ? 'page' : undefined}
            variant="light"
            color="gray"
            py={6}
          />
        ))}
      </div>
    );
  });
}

function TenantChoice() {
  const { session, tenant } = useHere();
  const navigate = useNavigate();
  // Filters and open rows belong to the app that was left.
  const go = (app: string, env: string) => void navigate({ to: '.', search: { app, env } as never });
  return (
    <>
      <Select
        aria-label="App"
        size="sm"
        data={session.apps.map(({ id, name }) => ({ value: id, label: name }))}
        value={tenant.app}
        onChange={(app) => app && go(app, tenant.environment)}
        searchable={session.apps.length > 8}
        allowDeselect={false}
        comboboxProps={{ withinPortal: true }}
      />
      <SegmentedControl
        aria-label="Environment"
        fullWidth
        mt="xs"
        size="xs"
        data={[
          { value: 'live', label: 'Live' },
          { value: 'test', label: 'Test' },
        ]}
        value={tenant.environment}
        onChange={(environment) => go(tenant.app, environment)}
      />
    </>
  );
}

function ColorSchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="default"
      size="lg"
      onClick={() => setColorScheme(other)}
      aria-label={`Change to the ${other} colours`}
    >
      <span aria-hidden>{scheme === 'dark' ? '☀' : '☾'}</span>
    </ActionIcon>
  );
}

function PersonMenu() {
  const { session } = useHere();
  const { email, name } = session.staff;
  const signOut = async () => {
    await own('POST', '/auth/sign-out', {});
    window.location.assign('/');
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={`Menu of ${email}`}>
          <span aria-hidden>{(name || email).slice(0, 1).toUpperCase()}</span>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{email}</Menu.Label>
        <Menu.Item component={Link} to="/account">
          Your account
        </Menu.Item>
        <Menu.Item onClick={openPalette} rightSection={<Text size="xs">Ctrl K</Text>}>
          Commands
        </Menu.Item>
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
