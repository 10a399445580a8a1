import { Anchor, Card, SimpleGrid, Text, Title } from '@mantine/core';
import { Link, Navigate } from '@tanstack/react-router';
import { mayIn, useHere } from '../api/session.tsx';
import { GROUPS } from '../page.ts';
import { PAGES } from '../pages.ts';

/** The overview for those who may see it; else what the person may do. */
export function HomePage() {
  const { session, tenant } = useHere();
  const visible = PAGES.filter(
    ({ group, scope }) => group !== undefined && (scope === undefined || mayIn(session, tenant, scope)),
  );
  if (visible.some(({ path }) => path === '/overview')) return <Navigate to="/overview" replace />;
  return (
    <>
      <Title order={1} mb="md">
        Carillon
      </Title>
      {visible.length === 0 && (
        <Text>Your account has no role here. Ask the person who administers staff.</Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {GROUPS.map((group) => ({ group, pages: visible.filter((page) => page.group === group) }))
          .filter(({ pages }) => pages.length > 0)
          .map(({ group, pages }) => (
            <Card key={group} withBorder>
              <Text fw={650} mb="xs">
                {group}
              </Text>
              {pages.map(({ path, title }) => (
                <Anchor key={path} component={Link} to={path}>
                  {title}
                </Anchor>
              ))}
            </Card>
          ))}
      </SimpleGrid>
    </>
  );
}
